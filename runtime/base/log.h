/* log.h -- saying what no return value tells. */
#ifndef KMI_LOG_H
#define KMI_LOG_H

#include <kmsg/base.h>

/* One line without a newline to the function of kmsg_set_log(); nothing without one. */
void kmi_log(kmsg_log_level level, const char *format, ...) KMSG_PRINTF(2, 3);

#endif
