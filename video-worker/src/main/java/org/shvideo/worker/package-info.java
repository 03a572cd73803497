/** The worker: takes jobs, analyses their clips, writes their lines and settles them. */
package org.shvideo.worker;
