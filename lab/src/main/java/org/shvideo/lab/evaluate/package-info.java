/** {@code evaluate}: adaptive sampling and motion detection compared with every frame. */
package org.shvideo.lab.evaluate;
