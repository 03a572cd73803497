/**
 * The video folder that capture and workers share: where clips, recordings and outbox entries lie.
 */
package org.shvideo.tasks.video;
