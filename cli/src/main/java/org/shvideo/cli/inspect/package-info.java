/** Commands that inspect and repair: {@code check}, {@code doctor}, {@code queue}. */
package org.shvideo.cli.inspect;
