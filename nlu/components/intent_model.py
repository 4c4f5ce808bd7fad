"""The intent model itself, without Rasa: n-grams of words and characters, three linear models, one weight matrix.

Complement naive Bayes and a linear support vector machine make different mistakes, so their scores are added; a second
support vector machine that only tells the groups apart (need, dialogue act, alert) adds its score to each intent of a
group, because what a short act and a long need have in common is mostly chance. All three are linear in the features,
therefore the sum is one matrix and a message costs one sparse product. A temperature, fitted on sentences that were
held out in turn, makes softmax(scores / temperature) read as a probability.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import joblib
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import FeatureUnion, make_union
from sklearn.svm import LinearSVC

from components.normalise import normalise

_FILE = "intent_model.joblib"
_WORD = re.compile(r"\w+")  # words of one letter too: "u" makes a sentence formal


@dataclass(frozen=True)
class Settings:
    """What was chosen by measurement; the figures are in `nlu/README.md`."""

    word_ngrams: tuple[int, int] = (1, 2)
    character_ngrams: tuple[int, int] = (2, 5)
    smoothing: float = 0.3
    margin_cost: float = 0.6
    margin_weight: float = 4.0
    group_cost: float = 0.3
    group_weight: float = 1.5
    folds: int = 3
    groups: dict[str, list[str]] = field(default_factory=dict)

    def group_of(self, intent: str) -> str:
        """The group that lists the intent; all that are listed nowhere form a group together."""
        return next((group for group, intents in self.groups.items() if intent in intents), "")


@dataclass
class IntentModel:
    """Scores are `features @ weights + bias`; shapes: weights (features, intents) float32, bias (intents,)."""

    intents: list[str]
    features: FeatureUnion
    weights: np.ndarray
    bias: np.ndarray
    temperature: float

    @classmethod
    def fit(cls, texts: list[str], intents: list[str], settings: Settings | None = None) -> IntentModel:
        """Train on one intent for each text; an intent needs at least `folds` examples. Raises ValueError otherwise."""
        settings = settings or Settings()
        labels = np.array(intents)
        few = [intent for intent, count in Counter(intents).items() if count < settings.folds]
        if few:
            raise ValueError(f"too few examples for {', '.join(few)}: write at least {settings.folds}")
        features = _features(settings)
        matrix = features.fit_transform(texts)
        temperature = _temperature(matrix, labels, settings)
        weights, bias = _weigh(matrix, labels, settings)
        return cls(sorted(set(intents)), features, weights, bias, temperature)

    def rank(self, text: str) -> list[tuple[str, float]]:
        """All intents with their probability (they sum to one), most likely first."""
        scores = (self.features.transform([text]) @ self.weights + self.bias)[0]
        chances = _softmax(scores[None, :] / self.temperature)[0]
        return [(self.intents[place], float(chances[place])) for place in np.argsort(-chances)]

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder."""
        joblib.dump(self.__dict__, folder / _FILE, compress=1)

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read what `save` wrote; FileNotFoundError when there is nothing."""
        return cls(**joblib.load(folder / _FILE))


def _features(settings: Settings) -> FeatureUnion:
    shared = {"preprocessor": normalise, "sublinear_tf": True, "dtype": np.float32}
    words = TfidfVectorizer(tokenizer=_WORD.findall, token_pattern=None, ngram_range=settings.word_ngrams, **shared)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=settings.character_ngrams, **shared)
    return make_union(words, characters)


def _weigh(matrix: csr_matrix, labels: np.ndarray, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """The sum of the models as one weight matrix and one bias; all order the intents alphabetically."""
    bayes = ComplementNB(alpha=settings.smoothing).fit(matrix, labels)
    margin = LinearSVC(C=settings.margin_cost).fit(matrix, labels)
    weights = bayes.feature_log_prob_.T + settings.margin_weight * margin.coef_.T
    bias = settings.margin_weight * margin.intercept_
    groups = [settings.group_of(intent) for intent in bayes.classes_]
    if len(set(groups)) > 2:  # of two groups liblinear keeps one row only; there is nothing to gain from that few
        group = LinearSVC(C=settings.group_cost).fit(matrix, [settings.group_of(label) for label in labels])
        places = np.searchsorted(group.classes_, groups)
        weights += settings.group_weight * group.coef_[places].T
        bias += settings.group_weight * group.intercept_[places]
    return weights.astype(np.float32), bias.astype(np.float32)


def _temperature(matrix: csr_matrix, labels: np.ndarray, settings: Settings) -> float:
    """The temperature with the highest likelihood on sentences the models had not seen."""
    order, places = np.unique(labels, return_inverse=True)
    scores = np.zeros((len(labels), len(order)))
    for seen, unseen in StratifiedKFold(settings.folds, shuffle=True, random_state=1).split(matrix, labels):
        weights, bias = _weigh(matrix[seen], labels[seen], settings)
        scores[unseen] = matrix[unseen] @ weights + bias

    def loss(logarithm: float) -> float:
        chances = _softmax(scores / np.exp(logarithm))
        return -float(np.log(chances[np.arange(len(places)), places] + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded").x))


def _softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
