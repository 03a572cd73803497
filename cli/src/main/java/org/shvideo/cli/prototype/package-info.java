/**
 * How the Python prototype looks for motion, done again with the same libraries: the baseline that
 * capture is measured against. Nothing of the product uses it.
 */
package org.shvideo.cli.prototype;
