#!/usr/bin/env python3
"""Writes what mabwiser's LinUCB and linear Thompson sampling do on a short run, for RouterFixtureTests.

usage: python -m venv venv && venv/bin/pip install mabwiser==2.7.4
       venv/bin/python make-fixture.py > ../../Tests/QPPlannerTests/Fixtures/mabwiser.json

mabwiser maximises rewards with an upper bound; a loss is a negated reward, so its scores are the negatives of our
lower bounds. The ridge is 1, because mabwiser takes alpha*I for its inverse before the first observation of an arm, which
is right for 1 alone. Thompson's draws depend on the linear algebra library, so the posterior is compared instead:
mean and variance of x*theta.
"""

import json
from importlib.metadata import version

import numpy as np
from mabwiser.mab import MAB, LearningPolicy

ARMS = [0, 1, 2, 3]
FEATURES = 5
STEPS = 40
BETA = 0.7
SCALE = 0.3
SEED = 12


def contexts_and_losses():
    generator = np.random.default_rng(SEED)
    theta = generator.uniform(-0.5, 0.5, (len(ARMS), FEATURES))
    for _ in range(STEPS):
        x = generator.normal(size=FEATURES)
        # Rounded, so that the decimal text is the number.
        x = np.round(x / np.linalg.norm(x), 6)
        yield x, np.round(1 + theta @ x + 0.1 * generator.normal(size=len(ARMS)), 6)


def policy(learning_policy):
    mab = MAB(arms=ARMS, learning_policy=learning_policy, seed=SEED)
    # Fitting needs an observation; one of zeros says nothing.
    mab.fit(decisions=[0], rewards=[0], contexts=[[0.0] * FEATURES])
    return mab


def run_ucb():
    mab = policy(LearningPolicy.LinUCB(alpha=BETA, l2_lambda=1.0))
    steps = []
    for x, losses in contexts_and_losses():
        scores = mab.predict_expectations([x])
        arm = mab.predict([x])
        steps.append({
            "features": x.tolist(), "losses": losses.tolist(), "arm": arm,
            "lowerBounds": [-scores[a] for a in ARMS],
        })
        mab.partial_fit([arm], [-losses[arm]], [x])
    return steps


def run_thompson():
    mab = policy(LearningPolicy.LinTS(alpha=SCALE, l2_lambda=1.0))
    steps = []
    for index, (x, losses) in enumerate(contexts_and_losses()):
        models = [mab._imp.arm_to_model[a] for a in ARMS]
        steps.append({
            "means": [float(-(x @ m.beta)) for m in models],
            "variances": [float(SCALE**2 * (x @ m.A_inv @ x)) for m in models],
        })
        # Arms in turn: what is learnt from them is compared, not the choice.
        arm = ARMS[index % len(ARMS)]
        mab.partial_fit([arm], [-losses[arm]], [x])
    return steps


print(json.dumps({
    "source": "mabwiser " + version("mabwiser"), "beta": BETA, "posteriorScale": SCALE, "ridge": 1,
    "linUCB": run_ucb(), "thompson": run_thompson(),
}, indent=None, separators=(", ", ": ")).replace("}, {", "},\n{").replace("[{", "[\n{"))
