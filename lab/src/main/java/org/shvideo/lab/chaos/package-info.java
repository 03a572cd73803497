/** {@code chaos}: random faults in a running pipeline, and whether anything was lost. */
package org.shvideo.lab.chaos;
