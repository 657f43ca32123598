"""Django's task interface over the imports: the rows are the queue, and `manage.py deliver` works on what waits."""

from typing import Any

from django.utils import timezone
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.exceptions import InvalidTaskError

ONLY_TASK = "exercises.exchange.jobs.work"


class ImportBackend(BaseTaskBackend):
    """Takes `work` and no other task: its row waits already, so that there is nothing to be kept."""

    def validate_task(self, task: Task[Any, Any]) -> None:
        super().validate_task(task)
        if task.module_path != ONLY_TASK:
            raise InvalidTaskError(f"This queue keeps imports only; {task.module_path} needs one of its own.")

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Leave the row to the worker."""
        self.validate_task(task)
        return TaskResult(
            task=task,
            id=str(args[0]),
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
