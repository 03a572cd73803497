/** How long-running parts wait between attempts and stop within a bound. */
package org.shvideo.tasks.lifecycle;
