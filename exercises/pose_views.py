"""The pose editor: one page to pose an exercise on, and what its script asks while one does."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics.access import Can, StaffRequest, clinics_where, may
from clinics.models import User
from exercises import pose_controls, pose_desk, pose_editor, uploaded
from exercises.editors import edits_catalog
from exercises.figures.poses import BadPose
from exercises.models import Exercise
from exercises.pose_desk import CannotSave, Drawn, Words
from exercises.pose_editor import PoseData

MOST_FOUND = 12
READ = ("slug", "name", "position", "laterality", "status", "clinic", "pose")


def may_pose(user: User, exercise: Exercise) -> bool:
    """Return whether somebody may change how an exercise is drawn: an editor, or their clinic's admin for its own."""
    if exercise.clinic_id is not None:
        return may(user, Can.EXERCISES, exercise.clinic_id)
    return edits_catalog(user)


def _find(request: StaffRequest, slug: str) -> Exercise:
    """The exercise, if the person may pose it; another clinic's is as if missing."""
    rows = Exercise.objects.visible_to(request.user).only(*READ).prefetch_related("texts")
    exercise = get_object_or_404(rows, slug=slug)
    if not may_pose(request.user, exercise):
        if exercise.clinic_id is not None:
            raise Http404("No exercise matches.")
        raise PermissionDenied("Only the catalog's editors may change how an exercise is drawn.")
    return exercise


@require_http_methods(["GET", "HEAD", "POST"])
def pose(request: StaffRequest, slug: str) -> HttpResponse:
    """Show the pose of an exercise to edit; a POST draws it, changes its frames, or saves it."""
    exercise = _find(request, slug)
    if request.method != "POST":
        stored = pose_desk.stored(exercise)
        words = {text.language: dict(text.pictures) for text in exercise.texts.all()}
        return _page(request, exercise, pose_editor.as_text(stored), pose_desk.state(exercise), words)
    text, was, words = request.POST.get("pose", ""), request.POST.get("was", ""), _words(request)
    act = request.POST.get("act", "draw")
    try:
        if act in {"save", "over"}:
            was = request.POST.get("theirs", "") if act == "over" else was
            pose_data = pose_editor.from_text(text)
            changed = pose_desk.save(exercise, pose=pose_data, words=words, was=was, by=request.user)
            messages.success(request, "Saved." if changed else "There was nothing to save.")
            return redirect("pose", slug=slug)
        made, words = _acted(request, exercise, text, words)
        return _page(request, exercise, pose_editor.as_text(made), was, words)
    except CannotSave as wrong:
        return _page(request, exercise, text, was, words, wrong=wrong.reasons, theirs=wrong.meanwhile)
    except BadPose as wrong:
        return _page(request, exercise, text, was, words, wrong=[str(wrong)])


@require_POST
def pose_drawn(request: StaffRequest, slug: str) -> JsonResponse:
    """Send the pose drawn, after an act on its frames if one is asked for: what the page's script shows."""
    exercise = _find(request, slug)
    words = _words(request)
    try:
        made, words = _acted(request, exercise, request.POST.get("pose", ""), words)
    except BadPose as wrong:
        return JsonResponse({"mistakes": [str(wrong)]})
    return JsonResponse(_answer(exercise, made, words))


@require_safe
def pose_like(request: StaffRequest) -> JsonResponse:
    """Send the names of exercises to start from, for what was typed."""
    if not (edits_catalog(request.user) or clinics_where(request.user, Can.EXERCISES).exists()):
        raise PermissionDenied("Only those who keep exercises may change how one is drawn.")
    return JsonResponse({"names": [row.name for row in _like(request.GET.get("q", ""), request.user)[:MOST_FOUND]]})


def _like(typed: str, user: User) -> Any:
    """The shared catalog's exercises that are called so and that the person may read; a clinic's are its own."""
    rows = Exercise.objects.readable_by(user).shared()
    return rows.only("name", "pose", "slug").matching(typed).exclude(pose={})


def _words(request: HttpRequest) -> Words:
    found: Words = {}
    for key, value in request.POST.items():
        kind, _, rest = key.partition("-")
        language, _, frame = rest.partition("-")
        if kind == "words" and frame:
            found.setdefault(language, {})[frame] = str(value)
    return found


def _acted(request: StaffRequest, exercise: Exercise, text: str, words: Words) -> tuple[PoseData, Words]:
    """The pose and its words after what was asked: “remove:up”, “rename:up” with `to`, “posture”, “like” or nothing."""
    act, _, frame = request.POST.get("act", "draw").partition(":")
    if act == "posture":
        return pose_editor.started(request.POST.get("posture", "")), words
    if act == "like":
        return _pose_like(request.POST.get("like", "").strip(), request.user), words
    made = pose_editor.from_text(text)
    if act == "draw":
        return made, words
    made, took = pose_editor.acted(made, act, frame, request.POST.get(f"to-{frame}", ""))
    moved = {
        language: {now: lines[was] for now, was in took.items() if was in lines} for language, lines in words.items()
    }
    return made, moved


def _pose_like(typed: str, user: User) -> PoseData:
    """Return the pose of the exercise that is called so, or of the only one whose name has these words."""
    named = list(_like("", user).filter(Q(name__iexact=typed) | Q(slug=typed.casefold()))[:1])
    found = named or (list(_like(typed, user)[:2]) if typed else [])
    if len(found) != 1:
        raise BadPose(f"No exercise that has a pose is called “{typed}”. Type its name as the catalog has it.")
    pose: PoseData = found[0].pose
    return pose


def _shown(exercise: Exercise, made: PoseData, words: Words) -> tuple[Drawn, dict[str, Any]]:
    drawn = pose_desk.draw(made)
    frames = [frame.name for frame in drawn.frames]
    if drawn.mistakes:  # what was typed for a picture stays until it can be told that the picture is gone
        frames = list(
            dict.fromkeys([*pose_editor.names_of(made), *(name for lines in words.values() for name in lines)])
        )
    said = pose_desk.said(list(exercise.texts.all()), frames, words)
    return drawn, {
        "drawn": drawn,
        "said": said,
        "missing": pose_desk.missing(said),
        "step_names": [(name, pose_desk.title(name)) for name in pose_editor.step_names() if name not in frames],
    }


def _answer(exercise: Exercise, made: PoseData, words: Words) -> dict[str, Any]:
    drawn, shown = _shown(exercise, made, words)
    return {
        "pose": made,
        "mistakes": drawn.mistakes,
        "frames": [
            {
                **{"name": frame.name, "title": frame.title, "picture": frame.picture, "warned": len(frame.warnings)},
                **{"before": frame.before, "full": frame.full, "measured": frame.measured},
            }
            for frame in drawn.frames
        ],
        "frames_html": render_to_string("catalog/pose_frames.html", shown),
        "words_html": render_to_string("catalog/pose_words.html", shown),
        "levels": {row.language: {"text": row.level, "hard": row.hard} for row in shown["said"]},
        "missing": shown["missing"],
    }


def _page(
    request: HttpRequest,
    exercise: Exercise,
    text: str,
    was: str,
    words: Words,
    *,
    wrong: Any = (),
    theirs: str = "",
) -> HttpResponse:
    try:
        made = pose_editor.from_text(text)
        drawn, shown = _shown(exercise, made, words)
        wrong = [*wrong, *(line for line in drawn.mistakes if line not in wrong)]
    except BadPose as trouble:
        wrong = [*wrong, *([str(trouble)] if str(trouble) not in wrong else [])]
        said = pose_desk.said(list(exercise.texts.all()), list(next(iter(words.values()), {"start": ""})), words)
        shown = {"drawn": Drawn([], wrong), "said": said, "missing": [], "step_names": []}
    page = {
        **shown,
        "exercise": exercise,
        "text": text,
        "was": was,
        "wrong": wrong,
        "theirs": theirs,
        "postures": pose_controls.postures(),
        "controls": json.dumps(pose_controls.controls()),
        "hidden_by_uploads": [pose_desk.title(frame) for frame in uploaded.digests(exercise)],
        "lacks_spanish": all(text.language != "es" for text in exercise.texts.all()),
    }
    return render(request, "catalog/pose.html", page)
