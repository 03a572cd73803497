/** {@code powercut}: a power cut at any moment, and whether anything was lost. */
package org.shvideo.lab.powercut;
