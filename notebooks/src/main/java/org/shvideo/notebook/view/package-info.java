/**
 * What cells show: tables, text, pictures and charts, and how they reach the Java kernel. Knows
 * nothing of clips, logs or queues.
 */
package org.shvideo.notebook.view;
