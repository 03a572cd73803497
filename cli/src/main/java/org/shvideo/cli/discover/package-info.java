/**
 * {@code discover}: finds cameras by ONVIF. Whoever answers is a stranger until proven otherwise.
 */
package org.shvideo.cli.discover;
