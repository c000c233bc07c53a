# What the settings store of Bottlerocket says.

# stored_value <key>: sets `stored` to what the store sets the key to, or to `absent`.
stored_value() {
  stored=$(apiclient get settings.kernel.sysctl 2>/dev/null | grep -o "\"$1\": *\"[0-9]*\"" | head -n 1)
  stored=${stored##*: }
  stored=$(printf '%s' "$stored" | tr -cd 0-9)
  stored=${stored:-absent}
}
