/** How jobs and log lines are written as JSON and read back. */
package org.shvideo.tasks.json;
