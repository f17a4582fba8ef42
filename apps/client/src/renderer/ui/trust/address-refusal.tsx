// Why an address or a link leads nowhere, and what to do: in the words of `shared/address.ts`'s reasons. From `../home/add-place.tsx`.

import type { AddressReason } from "../../../shared/address.ts";
import { useText } from "../use-text.ts";

export function AddressRefusal({ reason }: { readonly reason: AddressReason }) {
  const t = useText("trust");
  return (
    <span data-reason={reason}>
      {t(`failed.${reason}`)} {t(`remedy.${reason}`)}
    </span>
  );
}
