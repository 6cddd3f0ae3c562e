/* SPDX-License-Identifier: ISC */

/* Codes to text, and the engine's error codes to those of RFC 2661. */

#include "proto.h"

#include <stddef.h>

#include "compiler.h"

static const char *const type_names[L2TP_TYPE_N] = {
	[L2TP_ZLB] = "ZLB",
	[L2TP_SCCRQ] = "SCCRQ",
	[L2TP_SCCRP] = "SCCRP",
	[L2TP_SCCCN] = "SCCCN",
	[L2TP_STOPCCN] = "StopCCN",
	[L2TP_HELLO] = "HELLO",
	[L2TP_OCRQ] = "OCRQ",
	[L2TP_OCRP] = "OCRP",
	[L2TP_OCCN] = "OCCN",
	[L2TP_ICRQ] = "ICRQ",
	[L2TP_ICRP] = "ICRP",
	[L2TP_ICCN] = "ICCN",
	[L2TP_CDN] = "CDN",
	[L2TP_WEN] = "WEN",
	[L2TP_SLI] = "SLI",
};

static const struct {
	const char *text;
	uint16_t code;
} errs[] = {
	[-L2TP_E_SHORT] = { "truncated header", ERROR_LENGTH },
	[-L2TP_E_VERSION] = { "unknown version", ERROR_RANGE },
	[-L2TP_E_FLAGS] = { "bad header flags", ERROR_RANGE },
	[-L2TP_E_LENGTH] = { "wrong length", ERROR_LENGTH },
	[-L2TP_E_NO_TYPE] = { "no message type", ERROR_RANGE },
	[-L2TP_E_TYPE] = { "unknown message type", ERROR_RANGE },
	[-L2TP_E_TYPE_OPTIONAL] = { "unknown message type", ERROR_RANGE },
	[-L2TP_E_AVP_LENGTH] = { "wrong AVP length", ERROR_LENGTH },
	[-L2TP_E_VALUE_LENGTH] = { "wrong AVP value length", ERROR_LENGTH },
	[-L2TP_E_RANGE] = { "AVP value out of range", ERROR_RANGE },
	[-L2TP_E_UNKNOWN_AVP] = { "unknown mandatory AVP", ERROR_UNKNOWN_AVP },
	[-L2TP_E_MISSING] = { "required AVP missing", ERROR_RANGE },
	[-L2TP_E_FSM] = { "not expected in this state", ERROR_RANGE },
	[-L2TP_E_MEMORY] = { "out of memory", ERROR_RESOURCES },
	[-L2TP_E_AUTH] = { "authentication error", ERROR_NONE },
};

const char *
l2tp_type_name(uint16_t type)
{
	if (type >= nitems(type_names) || type_names[type] == NULL)
		return "unknown";
	return type_names[type];
}

const char *
l2tp_err_text(int err)
{
	if (err >= 0 || (size_t)-err >= nitems(errs))
		return "no error";
	return errs[-err].text;
}

uint16_t
l2tp_err_code(int err)
{
	if (err >= 0 || (size_t)-err >= nitems(errs))
		return ERROR_NONE;
	return errs[-err].code;
}
