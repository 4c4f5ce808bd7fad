"""The parts of the Rasa pipeline that are written for this project."""
