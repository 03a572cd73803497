/** Stand-ins with the shapes that the kernel's classes of these names have. */
package org.dflib.jjava.jupyter.kernel;
