/** The commands {@code check}, {@code doctor} and {@code queue}, which inspect and repair. */
package org.shvideo.cli.inspect;
