"""The closed lists of programs. Plain Python; labels are for clinicians."""

ITEM_SIDES = [("left", "Left"), ("right", "Right"), ("each", "Each side")]
