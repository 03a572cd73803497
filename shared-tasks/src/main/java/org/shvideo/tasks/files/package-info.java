/** File operations that the Java library lacks: durable writes, and deleting a folder's tree. */
package org.shvideo.tasks.files;
