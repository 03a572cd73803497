/** {@code bench}: the load of cameras, clips and the queue, compared with baselines. */
package org.shvideo.lab.bench;
