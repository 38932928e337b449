"""Pieces of a page; owns reflex. May import: kit, state.

`docs/components.md` lists each component with its signature. Where to look:

- `shell`: `shell`, `flow_shell`, `gate`, `desk_shell`, `tabs` · `navigation`: where one can go
- `records`: `card`, `card_head`, `section`, `rows`, `row`, `table` · `facts`: `key_value`, `sum_list`, `timeline`
- `money`: `amount`, `money`, `card_chip` · `badges`: `badge`, `count` · `icons`: `icon`
- `buttons`: `primary`, `secondary`, `quiet`, `danger`, `danger_quiet`, `actions`, `pair` · `links`: `text_link` …
- `forms`: `form`, `native_form`, `text_field`, `select_field` … · `choices`: `checkbox`, `radio_list`, `switch` …
- `feedback`: `strip`, `note`, `empty`, `block_error`, `refused`, `not_found`, skeletons, `load_more`
- `overlays`: `dialog`, notices, lost connection, end of session · `preferences`: language, theme, `copy_line`
- `i18n`: `_`, `_n`, `_rich` · `document`: what `rx.App` is given · `build`: what the front-end build adds
"""
