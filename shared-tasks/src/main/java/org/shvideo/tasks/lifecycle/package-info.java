/** How long-running parts wait between attempts, and end with the process that started them. */
package org.shvideo.tasks.lifecycle;
