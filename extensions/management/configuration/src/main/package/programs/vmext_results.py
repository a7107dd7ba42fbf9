# A callback plugin of Ansible: writes what each task did as one JSON line into the file VMEXT_RESULTS names, for vmext-configuration.
# Results of tasks with no_log come without their contents, as Ansible gives them to every callback.
from __future__ import annotations

DOCUMENTATION = """
    name: vmext_results
    type: aggregate
    short_description: results of tasks as JSON lines
    description: Writes one JSON line for each task that changed something, would change something, or failed.
"""

import json
import os

from ansible.playbook.block import Block
from ansible.plugins.callback import CallbackBase

# Only against what is endless; vmext-configuration cuts it after it masked what is secret.
MOST = 256 * 1024


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "vmext_results"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.file = open(os.environ["VMEXT_RESULTS"], "a", encoding="utf-8", errors="replace")
        self.ok = 0
        self.plays = 0
        self.plays_of_others = 0
        # Loops come item by item; their task as a whole says only whether any did.
        self.looped = set()

    def write(self, **fields):
        self.file.write(json.dumps(fields) + "\n")
        self.file.flush()

    def one(self, result, what, item=""):
        given = result._result
        task = result._task
        diff = ""
        message = "(the task says no_log)"
        if not given.get("_ansible_no_log"):
            if "diff" in given:
                try:
                    diff = self._get_diff(given["diff"]) or ""
                except Exception as error:  # a module's own idea of a diff must not end the run
                    diff = "(no diff: %s)" % error
            said = [given.get("msg")]
            if what == "failed":
                said += [given.get("stderr"), given.get("module_stderr")]
            message = ": ".join(str(text).strip() for text in said if text)
        name = task.get_name().strip()
        self.write(what=what, task=name + (" (%s)" % item if item else ""), action=task.action, message=message[:MOST], diff=diff[:MOST])

    def failed(self, result, ignored, item=""):
        if not ignored and not self.rescued(result._task):
            self.one(result, "failed", item)

    def rescued(self, task):
        """Whether the playbook goes on in the rescue of a block when this task fails."""
        child, parent = task, task._parent
        while parent:
            if isinstance(parent, Block) and parent.rescue and any(one._uuid == child._uuid for one in parent.block):
                return True
            child, parent = parent, parent._parent
        return False

    def item(self, result):
        label = self._get_item_label(result._result)
        return str(label)[:100] if label is not None else ""

    def v2_playbook_on_play_start(self, play):
        self.plays += 1

    def v2_playbook_on_no_hosts_matched(self):
        self.plays_of_others += 1

    def v2_runner_on_ok(self, result):
        if result._task._uuid in self.looped:
            return
        if result._result.get("changed"):
            self.one(result, "changed")
        else:
            self.ok += 1

    def v2_runner_item_on_ok(self, result):
        self.looped.add(result._task._uuid)
        if result._result.get("changed"):
            self.one(result, "changed", self.item(result))
        else:
            self.ok += 1

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if result._task._uuid not in self.looped or not result._result.get("results"):
            self.failed(result, ignore_errors)

    def v2_runner_item_on_failed(self, result):
        self.looped.add(result._task._uuid)
        self.failed(result, result._task.ignore_errors, self.item(result))

    def v2_runner_on_unreachable(self, result):
        self.one(result, "failed")

    def v2_playbook_on_stats(self, stats):
        nobody = self.plays == self.plays_of_others
        self.write(what="end", ok=self.ok, error="no play names this machine; write hosts: all or hosts: localhost" if nobody else "")
        self.file.close()
