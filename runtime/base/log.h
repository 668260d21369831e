/* log.h -- saying what no return value tells. */
#ifndef KMI_LOG_H
#define KMI_LOG_H

#include <kmsg/base.h>

/* One line without a newline to the function of kmsg_set_log(); nothing without one. */
void kmi_log(kmsg_log_level level, const char *format, ...) KMSG_PRINTF(2, 3);

/* Of what anybody can cause, as often as the line carries: is it the 1st, 10th, 100th, .. time, and
 * worth a line? */
bool kmi_log_is_due(uint64_t count);

#endif
