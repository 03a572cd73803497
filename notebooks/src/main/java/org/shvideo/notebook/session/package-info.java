/**
 * What a notebook works with: the settings and the video folder, the queue and the jobs in it,
 * downloads into the folder.
 */
package org.shvideo.notebook.session;
