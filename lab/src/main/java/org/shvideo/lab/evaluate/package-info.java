/** {@code evaluate}: adaptive sampling and motion detection against every frame. */
package org.shvideo.lab.evaluate;
