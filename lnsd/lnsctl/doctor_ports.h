/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_DOCTOR_PORTS_H
#define LNSCTL_DOCTOR_PORTS_H

#include "doctor.h"

/* Who has the UDP ports of IKE and L2TP: fills facts->ports. */
void doctor_look_ports(struct doctor_facts *);

#endif
