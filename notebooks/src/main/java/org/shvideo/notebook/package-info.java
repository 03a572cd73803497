/**
 * What the cells of the notebooks call, so that they stay short. {@link
 * org.shvideo.notebook.Notebook} is the only type that cells name. Works the same on the Java
 * kernels JJava and IJava, and without one.
 */
package org.shvideo.notebook;
