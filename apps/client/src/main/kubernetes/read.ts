// Reads what the page says about Kubernetes: a form, a place, a desktop. What does not fit would be refused by the API server, or lead
// somewhere else than the user thinks. Used by `answers.ts`.

import { z } from "zod";
import type { KubernetesPlace, KubernetesTarget } from "../../shared/kubernetes.ts";
import {
  KUBERNETES_FIELD_NAMES,
  KUBERNETES_FIELDS,
  type KubernetesField,
  type KubernetesForm,
  whatIsWrong,
} from "../../shared/kubernetes-form.ts";

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Any name, as kubeconfig has it. */
export const CONTEXT_NAME = z
  .string()
  .max(1024)
  .regex(/^\P{Cc}+$/u);

const FIELDS = Object.fromEntries(
  KUBERNETES_FIELD_NAMES.map((name) => [name, z.custom(KUBERNETES_FIELDS[name].isRight)]),
) as unknown as { [Name in KubernetesField]: z.ZodType<KubernetesForm[Name]> };

export const KUBERNETES_FORM: z.ZodType<KubernetesForm> = z
  .object({ context: CONTEXT_NAME, namespace: z.string().max(63).regex(dnsLabel), ...FIELDS })
  .refine((form) => KUBERNETES_FIELD_NAMES.every((name) => whatIsWrong(form, name) === undefined));

export const KUBERNETES_PLACE: z.ZodType<KubernetesPlace> = z.object({
  context: CONTEXT_NAME,
  namespace: z.string().max(63).regex(dnsLabel),
});

/** A Deployment's name, or a Pod's. */
export const KUBERNETES_TARGET: z.ZodType<KubernetesTarget> = z.object({
  context: CONTEXT_NAME,
  namespace: z.string().max(63).regex(dnsLabel),
  name: z.string().max(253).regex(dnsName),
});
