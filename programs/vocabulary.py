"""The closed lists of programs. Plain Python; labels are for clinicians."""

ITEM_SIDES = [("left", "Left"), ("right", "Right"), ("each", "Each side")]
STAGE_DAYS = {"w0_2": 14, "w2_4": 14, "w4_8": 28}
# When each stage begins, in days after the program does.
STAGE_BEGINS = {"w0_2": 0, "w2_4": 14, "w4_8": 28}
