/** The command {@code notebooks}: JupyterLab with a Java kernel, a queue and a worker. */
package org.shvideo.cli.jupyter;
