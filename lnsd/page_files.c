/* SPDX-License-Identifier: ISC */
/* The files of the page, by the assembler; contract in page_files.h. */

#include "page_files.h"

#define EMBED(name, path)                                           \
	__asm__(".pushsection .rodata\n" #name ":\n.incbin \"" path \
		"\"\n" #name "_end:\n.byte 0\n.popsection\n")

EMBED(page_index_html, "lnsd/page/index.html");
EMBED(page_page_css, "lnsd/page/page.css");
EMBED(page_page_js, "lnsd/page/page.js");
EMBED(page_icon_svg, "lnsd/page/icon.svg");

extern const char page_index_html[], page_index_html_end[];
extern const char page_page_css[], page_page_css_end[];
extern const char page_page_js[], page_page_js_end[];
extern const char page_icon_svg[], page_icon_svg_end[];

const struct page_file page_files[PAGE_FILES] = {
	{ "/", "text/html; charset=utf-8", page_index_html,
	    page_index_html_end },
	{ "/page.css", "text/css; charset=utf-8", page_page_css,
	    page_page_css_end },
	{ "/page.js", "text/javascript; charset=utf-8", page_page_js,
	    page_page_js_end },
	{ "/icon.svg", "image/svg+xml", page_icon_svg, page_icon_svg_end },
};
