// Reads what the page says about Kubernetes: a form, a place, a desktop. What does not fit would be refused by the API server, or lead
// somewhere else than the user thinks. Used by `answers.ts`.

import { z } from "zod";
import type { KubernetesForm, KubernetesPlace, KubernetesTarget } from "../../shared/kubernetes.ts";

const GIBIBYTES_MAX = 1_000_000;
const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dnsName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const nameOrNone = z.string().max(253).regex(dnsName).or(z.literal(""));

/** Any name, as kubeconfig has it. */
export const CONTEXT_NAME = z
  .string()
  .max(1024)
  .regex(/^\P{Cc}+$/u);

export const KUBERNETES_FORM: z.ZodType<KubernetesForm> = z.object({
  context: CONTEXT_NAME,
  namespace: z.string().max(63).regex(dnsLabel),
  // With "eglantine-" before and "-home" behind it it is still a label.
  name: z.string().max(40).regex(dnsLabel),
  image: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/),
  widthPx: z.int().min(320).max(16_384),
  heightPx: z.int().min(200).max(16_384),
  gpuResource: z
    .string()
    .max(253)
    .regex(/^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/)
    .or(z.literal("")),
  gpuCount: z.int().min(1).max(16),
  renderGroup: z.int().min(0).max(4_294_967_294),
  homeGibibytes: z.int().min(1).max(GIBIBYTES_MAX),
  storageClass: nameOrNone,
  idleMinutes: z.int().min(0).max(100_000),
  ingressHost: nameOrNone,
  ingressSecret: nameOrNone,
  ingressClass: nameOrNone,
});

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
