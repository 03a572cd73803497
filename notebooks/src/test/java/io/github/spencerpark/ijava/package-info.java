/** Stand-ins with the shapes that the kernel's classes of these names have. */
package io.github.spencerpark.ijava;
