/** What the experiments measure: processes, their resource usage, footage, and the report. */
package org.shvideo.lab.measure;
