/**
 * What log lines look like and which are written: the prototype's form and level names, and no
 * credentials, whatever a message or an exception holds.
 */
package org.shvideo.tasks.logging;
