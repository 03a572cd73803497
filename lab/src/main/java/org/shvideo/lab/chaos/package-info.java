/** {@code chaos}: random faults, and the check that nothing was lost. */
package org.shvideo.lab.chaos;
