"""Fine-tuning: a base checkpoint and your repository become a personal model that is proven better.

curate → split by commit time → train → prove on what came last → export → install if it wins.
"""
