/* news.c -- what users of names are told: an item of the inbox each, so that it comes in order with
 * all else, and never from inside of what caused it.
 */
#include "names/names.h"

#include <stdio.h>

static void tell(kmi_item *item)
{
    kmi_name_news *news = (kmi_name_news *)item;
    int64_t        outer_ns;

    if (news->heard != NULL) {
        outer_ns = kmi_user_begin(news->node);
        news->heard(news->ctx, &news->event);
        kmi_user_end(news->node, outer_ns);
    }
    news->posted = false;
    if (news->told != NULL)
        news->told(news);
}

void kmi_name_news_post(kmi_name_news *news, kmsg_name_event_kind kind, kmsg_err err,
                        const char *words)
{
    news->event.kind = kind;
    news->event.err = err;
    snprintf(news->words, sizeof news->words, "%s", words);
    news->event.words = news->words;
    if (news->posted)
        return; /* it has not been told, and is this by now */
    news->posted = true;
    news->item.run = tell;
    kmi_inbox_add(news->node, &news->item);
}
