/**
 * Settings from the environment: each declared once with its default, unit and meaning, all
 * problems reported together, secrets never printed, nor the credentials in any text.
 */
package org.shvideo.tasks.settings;
