"""The intent model itself, without Rasa: n-grams of words and characters, linear models, one weight matrix.

Complement naive Bayes and a linear support vector machine make different mistakes, so their scores are added; a second
support vector machine that only tells the groups apart (need, dialogue act, alert) adds its score to each intent of a
group, because what a short act and a long need have in common is mostly chance. All are linear in the features,
therefore the sum is one matrix and a message costs one sparse product. A temperature, fitted on sentences that were
held out, makes softmax(scores / temperature) read as a probability.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import joblib
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import FeatureUnion, make_union
from sklearn.svm import LinearSVC

from components.normalise import normalise
from components.word_features import LemmasAndParts, Lexicon, words

_FILE = "intent_model.joblib"
MODELS = ("bayes", "margin", "logistic")
_FEWEST = 5
"""Examples of an intent: one of them is held out."""


@dataclass(frozen=True)
class Settings:
    """What was chosen by measurement; the figures are in `docs/understanding.md`.

    `models`: whose scores are added, of `MODELS`. `lemmas`, `lexicon`: see `word_features.py`. A `group_weight` of 0
    leaves the groups out.
    """

    models: tuple[str, ...] = ("bayes", "margin")
    lemmas: bool = False
    lexicon: bool = False
    word_ngrams: tuple[int, int] = (1, 2)
    character_ngrams: tuple[int, int] = (2, 5)
    smoothing: float = 0.3
    margin_cost: float = 0.6
    margin_weight: float = 4.0
    logistic_cost: float = 100.0
    group_cost: float = 0.3
    group_weight: float = 1.5
    calibrated: bool = True
    held_out: float = 0.2
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
    def fit(
        cls,
        texts: list[str],
        intents: list[str],
        settings: Settings | None = None,
        lexicon: dict[str, list[str]] | None = None,
    ) -> IntentModel:
        """Train on one intent for each text; an intent needs at least five examples. `lexicon`: entries by list.

        Raises ValueError when there are too few examples or a model is not known.
        """
        settings = settings or Settings()
        if not settings.models or not set(settings.models) <= set(MODELS):
            raise ValueError(f"models: {list(settings.models)}; choose one or more of {', '.join(MODELS)}")
        labels = np.array(intents)
        few = [intent for intent, count in Counter(intents).items() if count < _FEWEST]
        if few:
            raise ValueError(f"too few examples for {', '.join(few)}: write at least {_FEWEST}")
        features = _features(settings, texts, lexicon or {})
        matrix = features.fit_transform(texts)
        temperature = _temperature(matrix, labels, settings) if settings.calibrated else 1.0
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


def _features(settings: Settings, texts: list[str], lexicon: dict[str, list[str]]) -> FeatureUnion:
    shared = {"preprocessor": normalise, "sublinear_tf": True, "dtype": np.float32}
    by_word = {"token_pattern": None, **shared}
    parts = [
        TfidfVectorizer(tokenizer=words, ngram_range=settings.word_ngrams, **by_word),
        TfidfVectorizer(analyzer="char_wb", ngram_range=settings.character_ngrams, **shared),
    ]
    if settings.lemmas:
        parts.append(TfidfVectorizer(tokenizer=LemmasAndParts(texts), ngram_range=settings.word_ngrams, **by_word))
    if settings.lexicon:
        parts.append(TfidfVectorizer(tokenizer=Lexicon(lexicon), **by_word))
    return make_union(*parts)


def _weigh(matrix: csr_matrix, labels: np.ndarray, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """The sum of the models as one weight matrix and one bias; the intents in alphabetical order."""
    intents = np.unique(labels)
    weights, bias = np.zeros((matrix.shape[1], len(intents))), np.zeros(len(intents))
    if "bayes" in settings.models:
        weights += ComplementNB(alpha=settings.smoothing).fit(matrix, labels).feature_log_prob_.T
    if "margin" in settings.models:
        margin = LinearSVC(C=settings.margin_cost).fit(matrix, labels)
        weights += settings.margin_weight * margin.coef_.T
        bias += settings.margin_weight * margin.intercept_
    if "logistic" in settings.models:
        logistic = LogisticRegression(C=settings.logistic_cost, solver="liblinear").fit(matrix, labels)
        weights += logistic.coef_.T
        bias += logistic.intercept_
    groups = [settings.group_of(intent) for intent in intents]
    # Of two groups liblinear keeps one row only; there is nothing to gain from that few.
    if settings.group_weight and len(set(groups)) > 2:
        group = LinearSVC(C=settings.group_cost).fit(matrix, [settings.group_of(label) for label in labels])
        places = np.searchsorted(group.classes_, groups)
        weights += settings.group_weight * group.coef_[places].T
        bias += settings.group_weight * group.intercept_[places]
    return weights.astype(np.float32), bias.astype(np.float32)


def _temperature(matrix: csr_matrix, labels: np.ndarray, settings: Settings) -> float:
    """The temperature with the highest likelihood on sentences that were held out, which the models had not seen."""
    seen, unseen = train_test_split(
        np.arange(len(labels)), test_size=settings.held_out, stratify=labels, random_state=1
    )
    weights, bias = _weigh(matrix[seen], labels[seen], settings)
    scores = matrix[unseen] @ weights + bias
    places = np.unique(labels, return_inverse=True)[1][unseen]

    def loss(logarithm: float) -> float:
        chances = _softmax(scores / np.exp(logarithm))
        return -float(np.log(chances[np.arange(len(places)), places] + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded").x))


def _softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
