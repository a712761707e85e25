def step(run, peer):
    raise NotImplementedError
