"""The postures that poses start from, as pose data: a pose only says what differs.

Lengths are hundredths of the standing height: a chair's seat is at 26, standing hips at 53.
"""

from typing import Any

SEAT = 26.0

_HANDS_ON_THIGHS = {
    "hand_R": {"touch": "thigh_knee_R", "bend": [-0.8, -0.7, -0.3]},
    "hand_L": {"touch": "thigh_knee_L", "bend": [-0.8, 0.7, -0.3]},
}
_ARMS_ON_FLOOR = {
    "hand_R": {"floor": [8, -14.5], "at": 1.1, "fingers": [1, -0.1, 0], "bend": [-0.3, -1, 0.5]},
    "hand_L": {"floor": [8, 14.5], "at": 1.1, "fingers": [1, 0.1, 0], "bend": [-0.3, 1, 0.5]},
}
_HANGING = {"shoulder_flexion": 4, "shoulder_abduction": 7, "elbow_flexion": 12, "wrist_flexion": 4}
_LYING = [{"parts": "chest", "height": 0}, {"parts": "pelvis", "height": 0}]

POSTURES: dict[str, dict[str, Any]] = {
    "standing": {
        "at": [0, 0, 52.7],
        "joints": {**_HANGING},
        "pins": {"foot_R": {"floor": [0, -5.4]}, "foot_L": {"floor": [0, 5.4]}},
    },
    "sitting": {
        "at": [0, 0, None],
        "rest": [{"parts": "pelvis", "height": SEAT}],
        "joints": {"hip_flexion": 88},
        "pins": {"foot_R": {"floor": [24.5, -6]}, "foot_L": {"floor": [24.5, 6]}, **_HANDS_ON_THIGHS},
    },
    "long_sitting": {
        "at": [0, 0, None],
        "rest": [{"parts": "pelvis", "height": 0}],
        "lean": 4,
        "joints": {"hip_flexion": 90, "ankle_dorsiflexion": -8},
        "pins": {
            "foot_R": {"at": [48, -5.5, 4.3], "straight": True},
            "foot_L": {"at": [48, 5.5, 4.3], "straight": True},
            **_HANDS_ON_THIGHS,
        },
    },
    "supine": {
        "base": "supine",
        "at": [0, 0, None],
        "rest": _LYING,
        "head": 0,
        "joints": {"ankle_dorsiflexion": -14, "lumbar_flexion": 4},
        "pins": {
            "foot_R": {"at": [49, -6, 4.3], "straight": True},
            "foot_L": {"at": [49, 6, 4.3], "straight": True},
            **_ARMS_ON_FLOOR,
        },
    },
    "hook_lying": {
        "base": "supine",
        "at": [0, 0, None],
        "rest": _LYING,
        "head": 0,
        "joints": {"lumbar_flexion": 6},
        "pins": {
            "foot_R": {"floor": [29, -5.5], "bend": [0.2, 0, 1]},
            "foot_L": {"floor": [29, 5.5], "bend": [0.2, 0, 1]},
            **_ARMS_ON_FLOOR,
        },
    },
    "prone": {
        "base": "prone",
        "at": [0, 0, None],
        "rest": [{"parts": "chest", "height": 0}, {"parts": ["pelvis", "thigh_R"], "height": 0}],
        "head": 0,
        "joints": {"ankle_dorsiflexion": -52, "lumbar_flexion": 5},
        "pins": {
            "foot_R": {"at": [-49, -6, 5.2], "straight": True},
            "foot_L": {"at": [-49, 6, 5.2], "straight": True},
            "hand_R": {"floor": [40, -4], "at": 1.1, "fingers": [0.2, 1, 0], "bend": [0.1, -1, 0.1]},
            "hand_L": {"floor": [40, 4], "at": 1.1, "fingers": [0.2, -1, 0], "bend": [0.1, 1, 0.1]},
        },
    },
    "quadruped": {
        "base": "prone",
        "lean": 3,
        "anchor": ["knee_joint_R", 0],
        "kneel": ["R", "L"],
        "rest": [{"parts": ["shank_R", "foot_R", "shank_L", "foot_L"], "height": 0}],
        "joints": {"hip_flexion": 88, "neck_flexion": -12, "ankle_dorsiflexion": -54},
        "pins": {
            "hand_R": {"floor": [34, -9.5], "at": 1.1, "fingers": [1, 0, 0], "bend": [-1, -0.4, 0.3]},
            "hand_L": {"floor": [34, 9.5], "at": 1.1, "fingers": [1, 0, 0], "bend": [-1, 0.4, 0.3]},
        },
    },
    "kneeling": {
        "anchor": ["knee_joint_R", 0],
        "kneel": ["R", "L"],
        "rest": [{"parts": ["shank_R", "foot_R", "shank_L", "foot_L"], "height": 0}],
        "joints": {**_HANGING, "ankle_dorsiflexion": -54},
    },
    "half_kneeling": {
        "anchor": ["knee_joint_R", 0],
        "kneel": ["R"],
        "rest": [{"parts": ["shank_R", "foot_R"], "height": 0}],
        "joints": {**_HANGING, "ankle_dorsiflexion_R": -54, "hip_flexion_L": 90},
        "pins": {"foot_L": {"floor": [24, 5.5]}},
    },
    "heel_sitting": {
        "base": "upright",
        "lean": -62,
        "anchor": ["knee_joint_R", 0],
        "kneel": ["R", "L"],
        "rest": [{"parts": ["shank_R", "foot_R", "shank_L", "foot_L"], "height": 0}],
        "joints": {
            "hip_flexion": 118,
            "hip_abduction": 10,
            "lumbar_flexion": 30,
            "thoracic_flexion": 20,
            "ankle_dorsiflexion": -54,
        },
        "pins": {
            "hand_R": {"floor": [39, -11], "at": 1.1, "fingers": [1, 0, 0], "bend": [0, -1, -0.2]},
            "hand_L": {"floor": [39, 11], "at": 1.1, "fingers": [1, 0, 0], "bend": [0, 1, -0.2]},
        },
    },
    "side_lying": {
        "base": "side_right",
        "at": [0, 0, None],
        "rest": [{"parts": ["chest", "upper_arm_R"], "height": 0}, {"parts": ["pelvis", "thigh_R"], "height": 0}],
        "joints": {"hip_flexion": 45, "knee_flexion": 80, "hip_abduction_R": -7},
        "head": 4,
        "pins": {
            "hand_R": {"floor": [-46, -24], "at": 1.1, "fingers": [-1, 0, 0], "bend": [0, -1, 0]},
            "hand_L": {"floor": [-22, -25], "at": 1.1, "fingers": [-0.4, -1, 0], "bend": [1, -0.3, 0.3]},
        },
    },
}
