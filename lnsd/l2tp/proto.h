/* SPDX-License-Identifier: ISC */
#ifndef L2TP_PROTO_H
#define L2TP_PROTO_H

#include <stdint.h>

/* Numbers of RFC 2661, by section; and the engine's own error codes. */

/* 3.1 L2TP Header Format */
enum {
	L2TP_FLAG_T = 0x8000,
	L2TP_FLAG_L = 0x4000,
	L2TP_FLAG_S = 0x0800,
	L2TP_FLAG_O = 0x0200,
	L2TP_FLAG_P = 0x0100,
	L2TP_VERSION_MASK = 0x000f,
	L2TP_VERSION = 2,
	L2TP_CTL_FLAGS = L2TP_FLAG_T | L2TP_FLAG_L | L2TP_FLAG_S | L2TP_VERSION,
	L2TP_CTL_HDR_LEN = 12,
};

/* 3.2 Control Message Types */
enum l2tp_type {
	L2TP_ZLB = 0, /* not a type: the message without any AVP */
	L2TP_SCCRQ = 1,
	L2TP_SCCRP = 2,
	L2TP_SCCCN = 3,
	L2TP_STOPCCN = 4,
	L2TP_HELLO = 6,
	L2TP_OCRQ = 7,
	L2TP_OCRP = 8,
	L2TP_OCCN = 9,
	L2TP_ICRQ = 10,
	L2TP_ICRP = 11,
	L2TP_ICCN = 12,
	L2TP_CDN = 14,
	L2TP_WEN = 15,
	L2TP_SLI = 16,
	L2TP_TYPE_N,
};

/* 4.1 AVP Format */
enum {
	AVP_FLAG_M = 0x8000,
	AVP_FLAG_H = 0x4000,
	AVP_RESERVED_MASK = 0x3c00,
	AVP_LEN_MASK = 0x03ff,
	AVP_HDR_LEN = 6,
	AVP_VALUE_MAX = AVP_LEN_MASK - AVP_HDR_LEN,
};

/* 4.4 AVP Summary.  20 was never assigned. */
enum l2tp_avp {
	AVP_MESSAGE_TYPE = 0,
	AVP_RESULT_CODE = 1,
	AVP_PROTOCOL_VERSION = 2,
	AVP_FRAMING_CAP = 3,
	AVP_BEARER_CAP = 4,
	AVP_TIE_BREAKER = 5,
	AVP_FIRMWARE = 6,
	AVP_HOST_NAME = 7,
	AVP_VENDOR_NAME = 8,
	AVP_ASSIGNED_TID = 9,
	AVP_RWS = 10,
	AVP_CHALLENGE = 11,
	AVP_Q931_CAUSE = 12,
	AVP_CHALLENGE_RESPONSE = 13,
	AVP_ASSIGNED_SID = 14,
	AVP_CALL_SERIAL = 15,
	AVP_MIN_BPS = 16,
	AVP_MAX_BPS = 17,
	AVP_BEARER_TYPE = 18,
	AVP_FRAMING_TYPE = 19,
	AVP_CALLED_NUMBER = 21,
	AVP_CALLING_NUMBER = 22,
	AVP_SUB_ADDRESS = 23,
	AVP_TX_SPEED = 24,
	AVP_PHYS_CHANNEL = 25,
	AVP_INITIAL_CONFREQ = 26,
	AVP_LAST_SENT_CONFREQ = 27,
	AVP_LAST_RECV_CONFREQ = 28,
	AVP_PROXY_AUTH_TYPE = 29,
	AVP_PROXY_AUTH_NAME = 30,
	AVP_PROXY_AUTH_CHALLENGE = 31,
	AVP_PROXY_AUTH_ID = 32,
	AVP_PROXY_AUTH_RESPONSE = 33,
	AVP_CALL_ERRORS = 34,
	AVP_ACCM = 35,
	AVP_RANDOM_VECTOR = 36,
	AVP_PRIVATE_GROUP = 37,
	AVP_RX_SPEED = 38,
	AVP_SEQUENCING = 39,
	L2TP_AVP_N,
};

/* 4.4.2 Result Code AVP: StopCCN */
enum {
	STOPCCN_CLEAR = 1,
	STOPCCN_ERROR = 2,  /* see the error code */
	STOPCCN_EXISTS = 3, /* the control channel already exists */
	STOPCCN_UNAUTHORIZED = 4,
	STOPCCN_VERSION = 5, /* error code: the highest version we speak */
	STOPCCN_SHUTDOWN = 6,
	STOPCCN_FSM = 7,
};

/* 4.4.2 Result Code AVP: CDN */
enum {
	CDN_CARRIER_LOST = 1,
	CDN_ERROR = 2, /* see the error code */
	CDN_ADMIN = 3,
	CDN_NO_RESOURCES = 4,  /* temporary */
	CDN_NO_FACILITIES = 5, /* permanent */
};

/* 4.4.2 Result Code AVP: general error codes */
enum {
	ERROR_NONE = 0,
	ERROR_LENGTH = 2,
	ERROR_RANGE = 3, /* a value out of range, or a reserved field set */
	ERROR_RESOURCES = 4,
	ERROR_SESSION_ID = 5,
	ERROR_UNKNOWN_AVP = 8, /* with the M bit */
};

/* 4.4.3 Framing Capabilities */
enum {
	FRAMING_SYNC = 1,
	FRAMING_ASYNC = 2,
};

/* 4.4.3: Protocol Version 1, revision 0. */
enum {
	L2TP_PROTOCOL_VERSION = 0x0100,
};

/* What the core's functions return when they do not return 0. */
enum l2tp_err {
	L2TP_E_SHORT = -1,	   /* ends before the header does */
	L2TP_E_VERSION = -2,	   /* L2F, L2TPv3 or nothing we know */
	L2TP_E_FLAGS = -3,	   /* a control message without T, L, S */
	L2TP_E_LENGTH = -4,	   /* Length is not that of the datagram */
	L2TP_E_NO_TYPE = -5,	   /* the first AVP is not Message Type */
	L2TP_E_TYPE = -6,	   /* unknown message type, M set */
	L2TP_E_TYPE_OPTIONAL = -7, /* unknown message type, M clear */
	L2TP_E_AVP_LENGTH = -8,	   /* an AVP does not fit the message */
	L2TP_E_VALUE_LENGTH = -9,  /* a value does not fit its AVP */
	L2TP_E_RANGE = -10,	   /* a value that may not be */
	L2TP_E_UNKNOWN_AVP = -11,  /* with the M bit */
	L2TP_E_MISSING = -12,	   /* a required AVP is not there */
	L2TP_E_FSM = -13,	   /* not in this state */
	L2TP_E_MEMORY = -14,
	L2TP_E_AUTH = -15, /* the peer does not know the secret */
};

/* Name of a message as the trace writes it; never NULL. */
const char *l2tp_type_name(uint16_t type);
/* What went wrong, for people. */
const char *l2tp_err_text(int err);
/* The general error code (4.4.2) that tells the peer. */
uint16_t l2tp_err_code(int err);

#endif
