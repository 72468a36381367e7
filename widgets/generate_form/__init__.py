"""The form that asks for a video or a picture: python -m widgets.generate_form."""

from widgets.generate_form.form import GenerateForm
from widgets.generate_form.slot import FrameSlot
from widgets.generate_form.values import PROMPT_MAX, Asked, Offer, Ready, Service, Tab

__all__ = ["PROMPT_MAX", "Asked", "FrameSlot", "GenerateForm", "Offer", "Ready", "Service", "Tab"]
