"""Django's task interface over the outbox: the rows are the queue, so a task and its mail can't come apart.

To enqueue `programs.delivery.send_due` is to make its row due, in the caller's transaction; `manage.py deliver` runs
what is due. Nothing is kept beside the row, so there is nothing to be freed after a worker was killed.
"""

import datetime
from typing import Any

from django.utils import timezone
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.exceptions import InvalidTaskError

ONLY_TASK = "programs.delivery.send_due"


class OutboxBackend(BaseTaskBackend):
    """Takes `send_due` and no other task: for others there is no row to keep them in."""

    supports_defer = True

    def validate_task(self, task: Task[Any, Any]) -> None:
        super().validate_task(task)
        if task.module_path != ONLY_TASK:
            raise InvalidTaskError(f"The outbox keeps mails only; {task.module_path} needs a queue of its own.")

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Make the row due at `run_after`, else now; a mail that was handed over or failed stays as it is."""
        from programs.models import Delivery  # settings name this module before the models are ready

        self.validate_task(task)
        (delivery_id,) = args
        now = timezone.now()
        due: datetime.datetime = task.run_after or now
        Delivery.objects.filter(pk=delivery_id, status="queued").update(next_at=due)
        return TaskResult(
            task=task,
            id=str(delivery_id),
            status=TaskResultStatus.READY,
            enqueued_at=now,
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
